import { PageTitle } from '../parts/frame.tsx';

export default function MissingPage() {
  return (
    <>
      <PageTitle>There is no such page</PageTitle>
      <p>
        <a href="/">All sweeps</a>
      </p>
    </>
  );
}
