import { walk } from './walk';

walk('protections');
