import { ledger as ar } from './ar/ledger';
import { ledger as fr } from './fr/ledger';

/** Words of the page of the public ledger: `ledger[i18n.lang]`. */
export const ledger = { ar, fr };
