// What differs between a thing before and after a change, member by member. Pure.

export interface Difference {
  key: string;
  before: string | null; // null: there was none
  after: string | null;
}

const mostShown = 12;
const longest = 200;

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const isList = Array.isArray(value) && value.every((one) => typeof one !== 'object');
  if (isList && value.length === 0) return null;
  const text = isList ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

const membersOf = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

export function differences(before: unknown, after: unknown): Difference[] {
  const old = membersOf(before);
  const now = membersOf(after);
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .map((key) => ({ key, before: textOf(old[key]), after: textOf(now[key]) }))
    .filter((one) => one.before !== one.after)
    .slice(0, mostShown);
}
