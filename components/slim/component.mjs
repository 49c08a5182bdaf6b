// The binary form of a component, as far as its outermost sections:
// https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md

const CUSTOM = 0;
const CORE_MODULE = 1;

/** The sections behind the preamble of 8 bytes: `{ id, body, isModule, name }`, the name of custom ones alone. */
export function readSections(component) {
  const sections = [];
  for (let at = 8; at < component.length; ) {
    const id = component[at];
    const length = readLength(component, at + 1);
    const body = component.subarray(length.end, length.end + length.value);
    if (body.length !== length.value) {
      throw new Error('the component ends within a section');
    }
    sections.push({ id, body, isModule: id === CORE_MODULE, name: id === CUSTOM ? readName(body) : undefined });
    at = length.end + length.value;
  }
  return sections;
}

/** The component of these sections. */
export function writeSections(preamble, sections) {
  return Buffer.concat([
    preamble,
    ...sections.flatMap(({ id, body }) => [Buffer.from([id]), writeLength(body.length), body]),
  ]);
}

function readName(body) {
  const { value, end } = readLength(body, 0);
  return body.subarray(end, end + value).toString('utf8');
}

/** An unsigned 32-bit integer in LEB128. */
function readLength(bytes, start) {
  let value = 0;
  for (let at = start, shift = 0; at < bytes.length && shift < 35; at += 1, shift += 7) {
    value += (bytes[at] & 0x7f) * 2 ** shift;
    if (bytes[at] < 0x80) {
      return { value, end: at + 1 };
    }
  }
  throw new Error('the component ends within a length');
}

function writeLength(value) {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) {
    bytes.push((value % 0x80) | 0x80);
  }
  return Buffer.from([...bytes, value]);
}
