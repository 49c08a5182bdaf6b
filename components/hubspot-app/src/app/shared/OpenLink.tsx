import { Button, Flex, Text } from '@hubspot/ui-extensions';
import React, { useState } from 'react';

import type { Opens } from './answers';
import type { Answer } from './api';
import { NotDone } from './Failed';
import { useDoing } from './useLoaded';

interface Props {
  /** Makes the link. */
  ask: () => Promise<Answer<Opens>>;
  /** On the button that makes the link. */
  children: string;
  /** On the button that opens it, e.g. `Open the sign-in page of Clio`. */
  open: string;
  /** What to do there. */
  help: string;
  /** On the button that says that the person is back. */
  back: string;
  onBack: () => void;
  variant?: 'primary' | 'secondary';
  disabled?: boolean;
}

/**
 * Leads to a page outside of HubSpot. Such a link opens once and for some minutes, so it is made when somebody wants it, and
 * opened by a second click: HubSpot lets no script open a window.
 */
export function OpenLink({ ask, children, open, help, back, onBack, variant = 'secondary', disabled = false }: Props) {
  const { busy, failure, run } = useDoing<Opens>();
  const [url, setUrl] = useState<string | null>(null);
  const make = async () => {
    const opens = await run(ask);
    setUrl(opens?.url ?? null);
  };
  if (url === null) {
    return (
      <Flex direction="column" gap="small" align="start">
        <Button variant={variant} disabled={busy || disabled} onClick={() => void make()}>
          {children}
        </Button>
        {failure !== null && <NotDone failure={failure} />}
      </Flex>
    );
  }
  return (
    <Flex direction="column" gap="small" align="start">
      <Text>{help}</Text>
      <Flex direction="row" gap="small" wrap>
        <Button variant="primary" href={{ url, external: true }}>
          {open}
        </Button>
        <Button
          variant="secondary"
          onClick={() => {
            setUrl(null);
            onBack();
          }}
        >
          {back}
        </Button>
      </Flex>
    </Flex>
  );
}
