import { Title } from '../parts/frame.tsx';

export default function DatasetsPage() {
  return <Title>Datasets</Title>;
}
