import { citizen as ar } from './ar/citizen';
import { citizen as fr } from './fr/citizen';

/** Words of the public pages: `citizen[i18n.lang]`. Apart from the staff's, so that a phone does not load those. */
export const citizen = { ar, fr };
