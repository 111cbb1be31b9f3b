import { walk } from './walk';

walk('equal');
