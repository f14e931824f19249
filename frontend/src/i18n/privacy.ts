import { privacy as ar } from './ar/privacy';
import { privacy as fr } from './fr/privacy';

/** What is said about personal data: at each place that asks for some, and on the pages about them. */
export const privacy = { ar, fr };
