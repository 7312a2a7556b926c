import { Title } from '../parts/frame.tsx';

export default function SweepPage() {
  return <Title>Sweep</Title>;
}
