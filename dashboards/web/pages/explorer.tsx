import { Title } from '../parts/frame.tsx';

export default function ExplorerPage() {
  return <Title>Explorer</Title>;
}
