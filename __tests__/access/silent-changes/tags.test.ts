import { walk } from './walk';

walk('tags');
