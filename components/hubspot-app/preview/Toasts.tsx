import React, { useEffect, useState } from 'react';

let show: ((words: string) => void) | null = null;

/** Says something in passing. */
export function toast(words: string): void {
  show?.(words);
}

export function Toasts() {
  const [words, setWords] = useState<string | null>(null);
  useEffect(() => {
    show = setWords;
  }, []);
  return (
    <div role="status" className="toasts">
      {words}
    </div>
  );
}
