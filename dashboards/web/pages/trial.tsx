import { Title } from '../parts/frame.tsx';

export default function TrialPage() {
  return <Title>Trial</Title>;
}
