import { Title } from '../parts/frame.tsx';

export default function NewSweepPage() {
  return <Title>NewSweep</Title>;
}
