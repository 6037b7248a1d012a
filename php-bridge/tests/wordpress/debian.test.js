import { tellEveryday } from './everyday.js';
import { tellIn } from './telling.js';
import { tellWays } from './ways.js';

const story = tellIn('debian');
tellEveryday(story);
tellWays(story);
