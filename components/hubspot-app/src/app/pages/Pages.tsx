import { hubspot } from '@hubspot/ui-extensions';
import { createPageRouter, PageRoutes } from '@hubspot/ui-extensions/pages';
import { api } from '@sync300/shared';
import React, { createContext, useContext } from 'react';

import { Home } from './Home';

const Variables = createContext<Record<string, unknown> | undefined>(undefined);

function HomePage() {
  const variables = useContext(Variables);
  const mine = React.useMemo(() => api(variables), [variables]);
  return <Home api={mine} />;
}

const Router = createPageRouter(
  <PageRoutes>
    <PageRoutes.IndexRoute component={HomePage} id="home" />
  </PageRoutes>,
);

hubspot.extend<'pages'>(({ context }) => (
  <Variables.Provider value={context.variables}>
    <Router />
  </Variables.Provider>
));
