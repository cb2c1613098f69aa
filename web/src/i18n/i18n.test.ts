import { describe, expect, it } from 'vitest';
import { languageOf } from '.';
import { en } from './en';
import { es } from './es';

type Tree = { [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') all.set(prefix + key, value);
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) all.set(inner, text);
  }
  return all;
}
const spanish = flatten(es as Tree);
const english = flatten(en as unknown as Tree);
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join();

describe('both languages', () => {
  it('have the same keys', () => {
    expect([...english.keys()].sort()).toEqual([...spanish.keys()].sort());
  });
  it('have words for each, with the same places and forms', () => {
    for (const [key, text] of spanish) {
      const other = english.get(key) ?? '';
      expect(text.trim(), key).not.toBe('');
      expect(placeholders(other), key).toBe(placeholders(text));
      expect(other.split(' | ').length, key).toBe(text.split(' | ').length);
    }
  });
  it('hold no sign that means something to the translator', () => {
    for (const text of [...spanish.values(), ...english.values()]) expect(text).not.toMatch(/@/);
  });
});

describe('the language', () => {
  it('is the first of the browser’s that we speak, and Spanish else', () => {
    expect(languageOf(['fr-FR', 'en-US', 'es-CO'], null)).toBe('en');
    expect(languageOf(['es-CO', 'en'], null)).toBe('es');
    expect(languageOf(['de'], null)).toBe('es');
  });
  it('is what the user chose before', () => {
    expect(languageOf(['es'], 'en')).toBe('en');
    expect(languageOf(['en'], 'klingon')).toBe('en');
  });
});
