/** A rendered node of any component, as far as it is read. */
interface Read {
  nodeType: string;
  text: string | null;
  childNodes?: readonly Read[];
  props?: object;
}

/** All that a person reads of a node, titles included, in its order. */
export function said(node: object): string {
  const { text, childNodes, props } = node as Read;
  if (childNodes === undefined) {
    return text ?? '';
  }
  const title = (props as { title?: unknown } | undefined)?.title;
  return [...(typeof title === 'string' ? [title] : []), ...childNodes.map(said)].join('');
}
