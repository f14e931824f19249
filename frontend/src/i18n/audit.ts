import { audit as ar } from './ar/audit';
import { audit as fr } from './fr/audit';

/** Words of the audit log and of the requests for an export: `audit[i18n.lang]`. */
export const audit = { ar, fr };
