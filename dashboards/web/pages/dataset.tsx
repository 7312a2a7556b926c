import { Title } from '../parts/frame.tsx';

export default function DatasetPage() {
  return <Title>Dataset</Title>;
}
