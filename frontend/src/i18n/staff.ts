import { staff as ar } from './ar/staff';
import { staff as fr } from './fr/staff';

/** Words of the pages behind the sign-in: `staff[i18n.lang]`. */
export const staff = { ar, fr };
