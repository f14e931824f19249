import { openData as ar } from './ar/open-data';
import { openData as fr } from './fr/open-data';

/** Words of the page of open data: `openData[i18n.lang]`. */
export const openData = { ar, fr };
