import { Title } from '../parts/frame.tsx';

export default function MissingPage() {
  return (
    <>
      <Title>There is no such page</Title>
      <p>
        <a href="/">All sweeps</a>
      </p>
    </>
  );
}
