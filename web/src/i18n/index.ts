// Spanish and English. The browser's language decides, and Spanish where it speaks neither; the user's choice is kept.

import { createI18n } from 'vue-i18n';
import { en } from './en';
import { es } from './es';

export type Language = 'es' | 'en';
const kept = 'cofre.language';

export function languageOf(preferred: readonly string[], chosen: string | null): Language {
  if (chosen === 'es' || chosen === 'en') return chosen;
  for (const one of preferred) {
    const language = one.slice(0, 2).toLowerCase();
    if (language === 'es' || language === 'en') return language;
  }
  return 'es';
}

export const i18n = createI18n({ legacy: false, locale: 'es', fallbackLocale: 'es', messages: { es, en } });

export function setLanguage(language: Language, keep = true): void {
  i18n.global.locale.value = language;
  document.documentElement.lang = language;
  if (keep) localStorage.setItem(kept, language);
}

export function useBrowsersLanguage(): void {
  setLanguage(languageOf(navigator.languages, localStorage.getItem(kept)), false);
}

// For what the server names by a code: the code itself where a newer server knows one more.
export function nameOf(group: string, code: string): string {
  const key = `${group}.${code}`;
  return i18n.global.te(key) ? i18n.global.t(key) : code;
}
