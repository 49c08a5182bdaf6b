// HubSpot's layout components as plain HTML.

import type { ReactNode } from 'react';
import React, { Children, isValidElement, useId, useState } from 'react';

interface Laid {
  children?: ReactNode;
  direction?: 'row' | 'column';
  gap?: string;
  distance?: string;
  align?: string;
  justify?: string;
  wrap?: boolean | string;
}

export function Flex({ children, direction = 'row', gap = 'flush', align = 'stretch', justify = 'start', wrap }: Laid) {
  const wraps = wrap === true || wrap === 'wrap' ? ' wrap' : '';
  return <div className={`flex ${direction} gap-${gap} align-${align} justify-${justify}${wraps}`}>{children}</div>;
}

export function Box({ children }: Laid) {
  return <div>{children}</div>;
}

export function Tile({ children }: Laid) {
  return <section className="tile">{children}</section>;
}

export function Divider() {
  return <hr />;
}

export function Accordion({
  title,
  children,
  defaultOpen = false,
}: {
  title: string;
  children?: ReactNode;
  defaultOpen?: boolean;
}) {
  return (
    <details open={defaultOpen}>
      <summary>{title}</summary>
      <div className="inside">{children}</div>
    </details>
  );
}

interface TabProps {
  tabId?: string;
  title?: string;
  children?: ReactNode;
}

/** A tab's content: shown by `Tabs`, which reads its properties. */
export function Tab({ children }: TabProps) {
  return <>{children}</>;
}

/** Tabs by the pattern of WAI-ARIA: arrow keys move between them. */
export function Tabs({ children, defaultSelected }: { children?: ReactNode; defaultSelected?: string }) {
  const id = useId();
  const tabs = Children.toArray(children).filter(isValidElement);
  const titles = tabs.map((tab) => tabOf(tab.props as Remote));
  const [chosen, setChosen] = useState(defaultSelected ?? titles[0]?.tabId);
  const at = Math.max(
    0,
    titles.findIndex(({ tabId }) => tabId === chosen),
  );
  const move = (key: string) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const next = step === undefined ? undefined : titles[(at + step + titles.length) % titles.length];
    if (next !== undefined) {
      setChosen(next.tabId);
      document.getElementById(`${id}-${next.tabId ?? ''}`)?.focus();
    }
  };
  return (
    <div>
      <div role="tablist" onKeyDown={({ key }) => move(key)}>
        {titles.map(({ tabId, title }, index) => (
          <button
            key={tabId}
            id={`${id}-${tabId ?? ''}`}
            type="button"
            role="tab"
            aria-selected={index === at}
            aria-controls={`${id}-panel`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => setChosen(tabId)}
          >
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${titles[at]?.tabId ?? ''}`}>
        {tabs[at]}
      </div>
    </div>
  );
}

/** What a remote component is rendered by: see `RemoteComponent` of `@remote-ui/react/host`. */
interface Remote {
  component?: { props?: TabProps };
}

function tabOf({ component }: Remote): TabProps {
  return component?.props ?? {};
}
