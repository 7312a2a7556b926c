import { PageTitle } from '../parts/frame.tsx';

export default function MissingPage() {
  return (
    <>
      <PageTitle>Page not found</PageTitle>
      <p>
        <a href="/">All sweeps</a>
      </p>
    </>
  );
}
