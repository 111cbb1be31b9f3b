import { walk } from './walk';

walk('references');
