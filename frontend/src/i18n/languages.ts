/** The languages of the interface, in the order they are offered. Adding one: here, one catalogue folder, one tag. */
export const languages = ['ar', 'fr'] as const;

export type Language = (typeof languages)[number];

/** Each language's own name for itself. */
export const endonyms: Record<Language, string> = { ar: 'العربية', fr: 'Français' };

/** Regional tags for `Intl`: plain `ar` would give other month names and separators than those used in Morocco. */
export const tags: Record<Language, string> = { ar: 'ar-MA', fr: 'fr-MA' };

export const direction = (language: Language): 'rtl' | 'ltr' => (language === 'ar' ? 'rtl' : 'ltr');

export const isLanguage = (value: string | undefined): value is Language =>
  languages.some((language) => language === value);
