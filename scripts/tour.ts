/** The page of the tour at the edge. */

/** What an edge with the page has in its configuration, in place of what is there. Paths are relative to the top. */
export const TOUR = {
  main: 'workers/edge/tour/index.ts',
  build: {
    command: 'node scripts/build-page.ts',
    watch_dir: ['workers/edge', 'shared', 'client', 'demo/page'],
  },
};
