// A page that shows extensions as HubSpot does: each in a worker, its remote components as plain HTML. What is on the page is
// said by the JSON in `#page`, which the sandbox writes.

import './host.css';

import { createRoot } from 'react-dom/client';
import React from 'react';

import { ActionForms } from './ActionForms';
import { Extension } from './Extension';
import type { Page } from './page';
import { Toasts } from './Toasts';

const element = document.getElementById('page');
const page = JSON.parse(element?.textContent ?? '{}') as Page;

function Shown() {
  return (
    <>
      <Toasts />
      {page.extensions.map((extension) => (
        <Extension key={extension.bundle} page={page} extension={extension} />
      ))}
      {page.actions !== undefined && <ActionForms page={page} actions={page.actions} />}
    </>
  );
}

const main = document.getElementById('extensions');
if (main !== null) {
  createRoot(main).render(<Shown />);
}
