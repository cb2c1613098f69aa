// PrimeVue's Aura with one accent colour, chosen for contrast on both grounds, and dark as the system or the user says.

import { definePreset } from '@primeuix/themes';
import Aura from '@primeuix/themes/aura';
import { ref } from 'vue';

const accent = {
  50: '#eef9fb',
  100: '#d3eef3',
  200: '#abdde7',
  300: '#74c3d4',
  400: '#3ea3ba',
  500: '#22869f',
  600: '#1a6d85',
  700: '#14586d',
  800: '#134857',
  900: '#133c4a',
  950: '#072631',
};

export const preset = definePreset(Aura, {
  semantic: {
    primary: accent,
    colorScheme: {
      light: {
        primary: {
          color: '{primary.600}',
          contrastColor: '#ffffff',
          hoverColor: '{primary.700}',
          activeColor: '{primary.800}',
        },
        surface: {
          0: '#ffffff',
          50: '#f6f8f9',
          100: '#eef1f3',
          200: '#e0e5e9',
          300: '#c9d1d7',
          400: '#97a3ad',
          500: '#5f6c77',
          600: '#4a5660',
          700: '#374149',
          800: '#252d33',
          900: '#171d22',
          950: '#0d1114',
        },
        formField: { placeholderColor: '{surface.500}' },
        text: { mutedColor: '{surface.500}' },
      },
      dark: {
        primary: {
          color: '{primary.300}',
          contrastColor: '{primary.950}',
          hoverColor: '{primary.200}',
          activeColor: '{primary.100}',
        },
        surface: {
          0: '#ffffff',
          50: '#f1f4f6',
          100: '#dde3e8',
          200: '#bcc6ce',
          300: '#9aa7b1',
          400: '#8592a0',
          500: '#5f6c79',
          600: '#46525d',
          700: '#333d46',
          800: '#222a31',
          900: '#181f25',
          950: '#10151a',
        },
      },
    },
  },
});

export type Theme = 'system' | 'light' | 'dark';
const kept = 'cofre.theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');

export const theme = ref<Theme>((localStorage.getItem(kept) as Theme | null) ?? 'system');
export const isDark = ref(false);

function apply(): void {
  isDark.value = theme.value === 'dark' || (theme.value === 'system' && system.matches);
  document.documentElement.classList.toggle('dark', isDark.value);
}

export function setTheme(to: Theme): void {
  theme.value = to;
  localStorage.setItem(kept, to);
  apply();
}

system.addEventListener('change', apply);
apply();
