import { Title } from '../parts/frame.tsx';

export default function ComparePage() {
  return <Title>Compare</Title>;
}
