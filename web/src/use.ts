// What pages share: reading from the API with its three states, times and numbers in the user's language, the clock.

import { useConfirm } from 'primevue/useconfirm';
import { useToast } from 'primevue/usetoast';
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, type Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { ApiError } from './api/client';
import * as format from './format';
import { nameOf } from './i18n';
import { serviceZone } from './session';

// What the name of the problem says all about; the server would say it again, in English.
const plain = ['changed_meanwhile', 'csrf', 'forbidden', 'not_signed_in', 'wrong_credentials'];

export function describe(error: unknown): { title: string; detail: string; hint: string | null } {
  if (!(error instanceof ApiError)) return { title: nameOf('problem', 'internal'), detail: String(error), hint: null };
  const title = nameOf('problem', error.code);
  if (plain.includes(error.code)) return { title, detail: '', hint: null };
  const hint = error.hint ?? (error.retryAfterSeconds ? `${error.retryAfterSeconds} s` : null);
  return { title, detail: error.message, hint };
}

export interface Reading<T> {
  data: Ref<T | null>;
  error: Ref<unknown>;
  loading: Ref<boolean>;
  reload: () => Promise<void>;
}

// Of several answers under way only that of the last question counts. What was shown before stays while it is read again.
export function useReading<T>(read: (signal: AbortSignal) => Promise<T>, atOnce = true): Reading<T> {
  const data = shallowRef<T | null>(null);
  const error = shallowRef<unknown>(null);
  const loading = ref(false);
  let current: AbortController | null = null;
  async function reload(): Promise<void> {
    current?.abort();
    const mine = new AbortController();
    current = mine;
    loading.value = true;
    try {
      const answer = await read(mine.signal);
      if (current !== mine) return;
      data.value = answer;
      error.value = null;
    } catch (failure) {
      if (current === mine && !mine.signal.aborted) error.value = failure;
    } finally {
      if (current === mine) loading.value = false;
    }
  }
  if (atOnce) onMounted(reload);
  onBeforeUnmount(() => current?.abort());
  return { data: data as Ref<T | null>, error, loading, reload };
}

// Repeats while the page can be seen.
export function useEvery(milliseconds: number, action: () => void): void {
  const timer = setInterval(() => {
    if (!document.hidden) action();
  }, milliseconds);
  onBeforeUnmount(() => clearInterval(timer));
}

// For what many events in a row ask for: done at once, and every `milliseconds` while more ask; and once more in the end,
// since what the server sums up is a few seconds old at most.
export function useGathered(action: () => void, milliseconds = 3000): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = false;
  function wait(): void {
    asked = false;
    timer = setTimeout(() => {
      timer = undefined;
      action();
      if (asked) wait();
    }, milliseconds);
  }
  onBeforeUnmount(() => clearTimeout(timer));
  return () => {
    asked = true;
    if (timer !== undefined) return;
    action();
    wait();
  };
}

const now = ref(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 1000);

export function useFormat() {
  const { locale } = useI18n();
  const place = computed(() => ({ locale: locale.value, zone: serviceZone.value }));
  return {
    now,
    place,
    number: (value: number, digits = 0) => format.formatNumber(value, locale.value, digits),
    bytes: (value: number) => format.formatBytes(value, locale.value),
    dateTime: (time: string) => format.formatDateTime(time, place.value),
    date: (time: string | Date) => format.formatDate(time, place.value),
    clock: (time: string) => format.formatClock(time, place.value),
    ago: (time: string) => format.formatAgo(time, now.value, locale.value),
    duration: (seconds: number) => format.formatDuration(seconds, locale.value),
    day: (time: string | Date) => format.dayOf(time, serviceZone.value),
  };
}

// Does something on the server and says how it went. True where it went well.
export function useAction() {
  const toast = useToast();
  const busy = ref(false);
  async function run(action: () => Promise<unknown>, done?: string): Promise<boolean> {
    busy.value = true;
    try {
      await action();
      if (done) toast.add({ severity: 'success', summary: done, life: 4000 });
      return true;
    } catch (error) {
      const { title, detail, hint } = describe(error);
      toast.add({ severity: 'error', summary: title, detail: [detail, hint].filter(Boolean).join(' — '), life: 12000 });
      return false;
    } finally {
      busy.value = false;
    }
  }
  return { busy, run };
}

// Closing a form that holds something unsaved is asked about first, also where the whole page is left.
export function useClosing(dirty: () => boolean, close: () => void): () => void {
  const ask = useQuestion();
  const { t } = useI18n();
  const warn = (event: BeforeUnloadEvent) => {
    if (dirty()) event.preventDefault();
  };
  onMounted(() => window.addEventListener('beforeunload', warn));
  onBeforeUnmount(() => window.removeEventListener('beforeunload', warn));
  return () => {
    if (!dirty()) return close();
    ask(
      { header: t('common.unsaved'), message: t('common.unsavedMessage'), acceptLabel: t('common.discard'), danger: true },
      async () => close(),
    );
  };
}

// Asks before something that others will feel, or that cannot be undone (`danger`).
export function useQuestion() {
  const confirm = useConfirm();
  const { t } = useI18n();
  return (
    question: { header: string; message: string; acceptLabel: string; danger?: boolean },
    accept: () => Promise<void>,
  ): void => {
    confirm.require({
      header: question.header,
      message: question.message,
      acceptLabel: question.acceptLabel,
      acceptProps: question.danger ? { severity: 'danger' } : undefined,
      rejectLabel: t('common.cancel'),
      rejectProps: { severity: 'secondary', text: true },
      accept: () => void accept(),
    });
  };
}
