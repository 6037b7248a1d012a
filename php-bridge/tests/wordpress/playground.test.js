import { tellAdministration } from './administration.js';
import { tellEveryday } from './everyday.js';
import { tellPages } from './pages.js';
import { tellSelfService } from './self-service.js';
import { tellIn } from './telling.js';

const story = tellIn('playground');
tellEveryday(story);
tellPages(story);
tellSelfService(story);
tellAdministration(story);
