import { Title } from '../parts/frame.tsx';

export default function InterpretationPage() {
  return <Title>Interpretation</Title>;
}
