import { Title } from '../parts/frame.tsx';

export default function SweepsPage() {
  return <Title>Sweeps</Title>;
}
