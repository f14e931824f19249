import { imports as ar } from './ar/imports';
import { imports as fr } from './fr/imports';

/** Words of the page that takes proposals in from files: `imports[i18n.lang]`. */
export const imports = { ar, fr };
