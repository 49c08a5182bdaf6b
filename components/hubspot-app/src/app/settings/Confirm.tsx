import { Alert, Button, Flex, Text } from '@hubspot/ui-extensions';
import type { Answer } from '@sync300/shared';
import { NotDone, useDoing } from '@sync300/shared';
import React, { useState } from 'react';

interface Props<T> {
  /** On the button, e.g. `Disconnect Clio`. */
  label: string;
  /** What it does, asked before it is done. */
  question: string;
  consequence: string;
  work: () => Promise<Answer<T>>;
  onDone: (answer: T) => void;
  destructive?: boolean;
  disabled?: boolean;
}

/** A button whose work is confirmed first, in place: a question, what follows, and two ways on. */
export function Confirm<T>({ label, question, consequence, work, onDone, destructive = true, disabled = false }: Props<T>) {
  const [asking, setAsking] = useState(false);
  const { busy, failure, run } = useDoing<T>();
  const confirmed = async () => {
    const done = await run(work);
    if (done !== null) {
      setAsking(false);
      onDone(done);
    }
  };
  if (!asking) {
    return (
      <Button variant="secondary" disabled={disabled} onClick={() => setAsking(true)}>
        {label}
      </Button>
    );
  }
  return (
    <Flex direction="column" gap="small">
      <Alert title={question} variant={destructive ? 'danger' : 'warning'}>
        <Text>{consequence}</Text>
      </Alert>
      <Flex direction="row" gap="small" wrap>
        <Button variant={destructive ? 'destructive' : 'primary'} disabled={busy} onClick={() => void confirmed()}>
          Yes, {label.charAt(0).toLowerCase() + label.slice(1)}
        </Button>
        <Button variant="secondary" disabled={busy} onClick={() => setAsking(false)}>
          Cancel
        </Button>
      </Flex>
      {failure !== null && <NotDone failure={failure} />}
    </Flex>
  );
}
