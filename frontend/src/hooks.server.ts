import type { Handle } from '@sveltejs/kit';

import { direction, isLanguage } from '$i18n/languages';

/** Runs while pages are prerendered: each gets its language and direction before any script runs. */
export const handle: Handle = ({ event, resolve }) => {
  const param = event.params.lang;
  const lang = isLanguage(param) ? param : 'ar';
  return resolve(event, {
    transformPageChunk: ({ html }) => html.replace('%lang%', lang).replace('%dir%', direction(lang)),
  });
};
