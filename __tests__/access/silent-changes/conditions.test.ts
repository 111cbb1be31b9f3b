import { walk } from './walk';

walk('conditions');
