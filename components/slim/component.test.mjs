import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readSections, writeSections } from './component.mjs';

const PREAMBLE = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]);

/** A custom section is its name, with the length before it, and then anything. */
function custom(name) {
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from('anything')]);
}

test('sections of all lengths are written as they were read', () => {
  const lengths = [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152];
  const sections = lengths.map((length) => ({ id: 1, body: Buffer.alloc(length, length % 251) }));
  const component = writeSections(PREAMBLE, sections);
  const read = readSections(component);
  assert.deepEqual(read.map(({ body }) => body.length), lengths);
  assert.ok(read.every(({ isModule }) => isModule));
  assert.ok(writeSections(component.subarray(0, 8), read).equals(component));
});

test('custom sections have names, and are no modules', () => {
  const component = writeSections(PREAMBLE, [{ id: 0, body: custom('component-name') }, { id: 7, body: Buffer.from([0]) }]);
  assert.deepEqual(readSections(component).map(({ name, isModule }) => [name, isModule]), [
    ['component-name', false],
    [undefined, false],
  ]);
});

test('a component that ends early is refused', () => {
  const component = writeSections(PREAMBLE, [{ id: 1, body: Buffer.alloc(300) }]);
  for (const end of [9, 10, 11, 200, component.length - 1]) {
    assert.throws(() => readSections(component.subarray(0, end)), /ends within/, `${end}`);
  }
});
