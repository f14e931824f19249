import { browser } from '$app/environment';
import { direction, isLanguage } from '$i18n/languages';

import type { LayoutLoad } from './$types';

/** The shell page (200.html) knows no language, and a switch keeps the document: so the document learns it here. */
export const load: LayoutLoad = ({ params }) => {
  if (browser && isLanguage(params.lang)) {
    document.documentElement.lang = params.lang;
    document.documentElement.dir = direction(params.lang);
  }
};
