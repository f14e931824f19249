import type { ParamMatcher } from '@sveltejs/kit';

import { isLanguage, type Language } from '$i18n/languages';

export const match: ParamMatcher = (param): param is Language => isLanguage(param);
