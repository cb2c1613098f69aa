// Filters that live in the address, so that a list can be linked to, reloaded and gone back to.

import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';

export function useQuery() {
  const route = useRoute();
  const router = useRouter();
  const text = (name: string): string => {
    const value = route.query[name];
    return typeof value === 'string' ? value : '';
  };
  // Another filter begins on the first page.
  function set(changes: Record<string, string | number | null | undefined>, keepPage = false): void {
    const query: Record<string, string> = {};
    for (const [name, value] of Object.entries({ ...route.query, ...(keepPage ? {} : { pagina: null }), ...changes })) {
      if (value !== null && value !== undefined && value !== '') query[name] = String(value);
    }
    void router.replace({ query });
  }
  const isFiltered = (names: string[]) => computed(() => names.some((name) => text(name) !== ''));
  return { text, set, isFiltered, route };
}
