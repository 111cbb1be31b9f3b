import { walk } from './walk';

walk('principals');
