package dev.tlswaiver.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.tlswaiver.actuator.Aside;
import dev.tlswaiver.cli.Main;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The house holds its floor plan. Plain test methods: rules kept as fields are silently skipped by
 * some versions of Surefire.
 */
final class FloorPlanTest {
  private static final String ROOT = "dev.tlswaiver.";

  /** Each room, and the rooms that it may use. */
  private static final String PLAN =
      """
      peer                | -
      maillog             | peer
      excerpt             | maillog
      scan                | maillog peer
      handshake           | maillog peer
      rule                | handshake peer
      waiver              | rule handshake peer
      guard               | waiver rule handshake peer
      judge               | guard waiver rule handshake maillog peer
      report              | scan waiver guard rule handshake maillog peer
      logging             | -
      actuator            | waiver peer
      actuator.postfix    | actuator waiver handshake maillog peer
      actuator.nftables   | actuator waiver peer
      firewall            | actuator waiver peer
      source              | maillog
      dns                 | peer
      store               | waiver guard rule handshake peer
      status              | report scan guard waiver rule handshake maillog peer
      notify              | report waiver guard rule handshake maillog peer actuator
      config              | notify actuator judge guard waiver rule handshake maillog peer
      socket              | -
      control             | config report waiver socket
      hand                | socket config actuator actuator.postfix actuator.nftables firewall guard judge \
      handshake waiver peer
      doctor              | firewall actuator actuator.postfix actuator.nftables dns waiver handshake \
      maillog peer
      agent               | peer maillog handshake rule waiver guard judge report actuator \
      actuator.postfix actuator.nftables firewall doctor source dns store status notify config \
      control logging hand
      cli                 | peer maillog handshake rule waiver guard judge report actuator \
      actuator.postfix actuator.nftables firewall doctor source store status notify agent \
      excerpt scan config control logging hand
      """;

  private static final String[] THINKING = {
    "peer", "maillog", "excerpt", "scan", "handshake", "rule", "waiver", "guard", "judge", "report"
  };

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.tlswaiver");

  private static Map<String, Set<String>> plan() {
    Map<String, Set<String>> plan = new LinkedHashMap<>();
    for (String line : PLAN.lines().toList()) {
      String[] halves = line.split("\\|");
      Set<String> uses = new TreeSet<>(Arrays.asList(halves[1].strip().split("\\s+")));
      uses.remove("-");
      plan.put(halves[0].strip(), uses);
    }
    return plan;
  }

  private static DescribedPredicate<JavaClass> in(String room) {
    return DescribedPredicate.describe(
        "in the room " + room, type -> type.getPackageName().equals(ROOT + room));
  }

  private static ArchRule mayNotUse(String room, String other) {
    return noClasses()
        .that(in(room))
        .should()
        .dependOnClassesThat(in(other))
        .allowEmptyShould(true);
  }

  private static String[] packages(String... rooms) {
    return Arrays.stream(rooms).map(room -> ROOT + room).toArray(String[]::new);
  }

  @Test
  void roomsUseOnlyTheRoomsThatThePlanAllows() {
    Map<String, Set<String>> plan = plan();
    plan.forEach(
        (room, uses) ->
            plan.keySet().stream()
                .filter(other -> !other.equals(room) && !uses.contains(other))
                .forEach(other -> mayNotUse(room, other).check(MAIN)));
  }

  @Test
  void everyClassIsInARoomOfThePlan() {
    assertThat(MAIN.stream().map(JavaClass::getPackageName).distinct())
        .allMatch(name -> plan().containsKey(name.substring(ROOT.length())));
  }

  /** What only the build or a test needs has no place in a jar that runs as root. */
  @Test
  void everyClassIsReachedFromTheCommandLine() {
    Set<String> reached =
        MAIN.get(Main.class).getTransitiveDependenciesFromSelf().stream()
            .map(dependency -> dependency.getTargetClass().getName())
            .collect(Collectors.toSet());
    assertThat(MAIN.stream())
        .filteredOn(type -> type.isTopLevelClass() && !reached.contains(type.getName()))
        .extracting(JavaClass::getSimpleName)
        .filteredOn(name -> !name.equals("package-info"))
        // The numbers of Exit are copied to where they are used.
        .containsExactlyInAnyOrder("Main", "Exit");
  }

  @Test
  void aPlantedViolationIsFound() {
    JavaClasses planted = new ClassFileImporter().importClasses(dev.tlswaiver.rule.Planted.class);
    assertThatThrownBy(() -> mayNotUse("rule", "actuator").check(planted))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Planted");
  }

  @Test
  void thinkingRoomsHaveNoClockNoFilesAndNoThreads() {
    noClasses()
        .that()
        .resideInAnyPackage(packages(THINKING))
        .should()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("java.io", "java.nio.file", "java.util.concurrent..")
        .check(MAIN);
  }

  @Test
  void onlyTheEdgesStartPrograms() {
    noClasses()
        .that()
        .resideOutsideOfPackages(packages("source", "actuator.postfix"))
        .should()
        .dependOnClassesThat()
        .areAssignableTo(ProcessBuilder.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Process.class)
        .check(MAIN);
  }

  @Test
  void onlyTheCommandLineEndsTheProcess() {
    noClasses()
        .that()
        .resideOutsideOfPackages(packages("cli"))
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(MAIN);
  }

  @Test
  void onlyTheWiringAndTheEdgesHaveThreads() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            packages("agent", "control", "source", "dns", "status", "notify", "cli"))
        .and()
        // Whoever runs programs reads what they print while they run.
        .areNotAssignableTo(Aside.class)
        .should()
        .callConstructorWhere(
            JavaCall.Predicates.target(HasOwner.Predicates.With.owner(assignableTo(Thread.class))))
        .check(MAIN);
  }

  @Test
  void publicTypesAreClosed() {
    assertThat(MAIN.stream())
        .filteredOn(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
        .filteredOn(type -> !type.isInterface() && !type.isEnum() && !type.isRecord())
        .filteredOn(type -> !type.getModifiers().contains(JavaModifier.FINAL))
        .extracting(JavaClass::getSimpleName)
        .containsExactlyInAnyOrder("HostException");
  }

  @Test
  void namesSayWhatAThingIs() {
    List<String> vague = List.of("Manager", "Helper", "Util", "Utils", "Impl", "Processor");
    assertThat(MAIN.stream().map(JavaClass::getSimpleName))
        .noneMatch(name -> vague.stream().anyMatch(name::endsWith));
  }
}
