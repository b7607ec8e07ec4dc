import type { ReactNode } from 'react'
import { useFace } from '../configuration/Face'
import { Menu } from '../design/Menu'
import { languageName, useLanguage } from '../language/Language'
import styles from './Entrance.module.css'

/** The frame of everything before the desk: signing in, setting up, the PIN. */
export function Entrance({ title, wide, children }: { title: string; wide?: boolean; children: ReactNode }) {
  const { language, languages, choose } = useLanguage()
  const face = useFace()
  return (
    <main className={styles.entrance}>
      <div className={`${styles.card} ${wide ? styles.wide : ''}`}>
        <div className={styles.brand}>
          <img src={face.logo ?? '/desk/icon.svg'} alt="" />
          <p className={styles.soft}>{face.applicationName}</p>
          <h1>{title}</h1>
        </div>
        {children}
      </div>
      {languages.length > 1 ? (
        <Menu
          kind="quiet"
          label={languageName(language)}
          choices={languages.map((code) => ({
            id: code,
            label: languageName(code),
          }))}
          onChoose={choose}
        />
      ) : null}
    </main>
  )
}
