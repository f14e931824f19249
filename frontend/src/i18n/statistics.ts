import { statistics as ar } from './ar/statistics';
import { statistics as fr } from './fr/statistics';

/** Words of the numbers and their editions: `statistics[i18n.lang]`. */
export const statistics = { ar, fr };
