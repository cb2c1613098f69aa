import { expect, it } from 'vitest';
import { differences } from './differences';

it('shows the members that differ', () => {
  expect(differences({ a: 1, b: 'x', c: null }, { a: 2, b: 'x', d: [1, 2], e: [] })).toEqual([
    { key: 'a', before: '1', after: '2' },
    { key: 'd', before: null, after: '1, 2' },
  ]);
});

it('of something new or gone shows all, and cuts what is long', () => {
  expect(differences(null, { a: 'y'.repeat(500) })[0]!.after).toHaveLength(201);
  expect(differences({ a: true }, null)).toEqual([{ key: 'a', before: 'true', after: null }]);
  expect(differences('text', 3)).toEqual([]);
});
