import { writeFileSync } from 'node:fs';
import { renderProfilesPage } from '../../src/report/profiles-page.js';
import { CLIENT_PROFILES } from '../../src/scan/profiles/clients.js';
import { listProfiles } from '../../src/scan/survey-clients.js';

/* Writes docs/client-profiles.md: `npm run docs:profiles`. */

const page = renderProfilesPage(listProfiles(CLIENT_PROFILES));
writeFileSync(new URL('../../docs/client-profiles.md', import.meta.url), page);
