import { Head, useTitle } from '../parts/basics.tsx';
import { to } from '../router.ts';

/** A page that is not there. */
export function Missing() {
  useTitle('Not found');
  return (
    <>
      <Head title="Nothing is here" />
      <p>
        The address names a page that this site does not have. Start again at the <a href={to('')}>overview</a>, or press <kbd>/</kbd> to search.
      </p>
    </>
  );
}

/** A node, test or macro that a link names and the project does not have any more. */
export function Gone({ id }: { id: string }) {
  useTitle('Not found');
  return (
    <>
      <Head title="Not in this project" />
      <p>
        The project has no <code>{id}</code>. It may have been renamed or removed since the link was made. Press <kbd>/</kbd> to search for it.
      </p>
    </>
  );
}
