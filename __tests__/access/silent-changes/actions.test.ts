import { walk } from './walk';

walk('actions');
