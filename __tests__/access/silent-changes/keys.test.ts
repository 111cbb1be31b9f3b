import { walk } from './walk';

walk('keys');
