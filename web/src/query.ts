// Lists whose filters live in the address, so that they can be linked to, reloaded and gone back to.

import type { DataTablePageEvent } from 'primevue/datatable';
import { computed, ref, watch, type Ref } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { Query } from './api/client';
import type { Paged } from './api/types';
import { useReading, type Reading } from './use';

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
  return { text, set, route };
}

// What is read again with each change of the address. `others` stand in it as well, but are no filters.
export function useFilteredReading<T>(
  filters: string[],
  others: string[],
  read: (query: Query, signal: AbortSignal) => Promise<T>,
) {
  const { text, set, route } = useQuery();
  const here = route.name;
  const query = (): Query => Object.fromEntries([...filters, ...others].map((name) => [name, text(name)]));
  const reading = useReading((signal) => read(query(), signal));
  watch(
    () => route.query,
    () => {
      if (route.name === here) void reading.reload();
    },
  );
  return { text, set, query, reading };
}

// A list of pages. `pager` is bound to the DataTable; `size` where the address says none.
export function usePagedList<T extends Paged>(
  filters: string[],
  size: number,
  read: (query: Query, signal: AbortSignal) => Promise<T>,
) {
  const list = useFilteredReading(filters, ['orden', 'pagina', 'por_pagina'], (query, signal) =>
    read({ ...query, por_pagina: query.por_pagina || size }, signal),
  );
  const rows = computed(() => Number(list.text('por_pagina')) || size);
  const pager = computed(() => ({
    lazy: true,
    rows: rows.value,
    first: ((Number(list.text('pagina')) || 1) - 1) * rows.value,
    totalRecords: list.reading.data.value?.total ?? 0,
    onPage: (event: DataTablePageEvent) =>
      list.set({ pagina: event.page + 1, por_pagina: event.rows === size ? null : event.rows }, true),
  }));
  return { ...list, pager };
}

export interface Growing<T> {
  reading: Reading<T[]>;
  mayHaveMore: Ref<boolean>;
  more: () => Promise<void>;
}

// A list, the newest first, that goes on below the last that was seen.
export function useGrowingList<T>(
  filters: string[],
  size: number,
  read: (query: Query, signal?: AbortSignal) => Promise<T[]>,
  idOf: (one: T) => number,
) {
  const list = useFilteredReading(filters, [], (query, signal) => read({ ...query, limite: size }, signal));
  const items = list.reading.data;
  const mayHaveMore = ref(false);
  watch(items, (now) => {
    if ((now?.length ?? 0) <= size) mayHaveMore.value = now?.length === size;
  });
  async function more(): Promise<void> {
    const known = items.value ?? [];
    const next = await read({ ...list.query(), limite: size, antes_de: idOf(known[known.length - 1]!) });
    mayHaveMore.value = next.length === size;
    items.value = [...known, ...next];
  }
  return { ...list, mayHaveMore, more };
}
